//! Every cost model's lines against its single steps.

use super::*;

fn hardware() -> HardwareSpec {
    HardwareSpec {
        name: "Toy".into(),
        memory_bytes: 80_000_000_000,
        memory_bandwidth_bytes_per_s: 3.35e12,
        flops_per_s: Rates {
            fp8: Some(1.979e15),
            bf16: Some(9.895e14),
            ..Rates::default()
        },
        fabric: Fabric {
            gpus_per_node: 8,
            scale_up: ScaleUp {
                bandwidth_bytes_per_s: 4.5e11,
                latency_s: 5e-6,
                in_network_reduction: true,
            },
            scale_out: ScaleOut {
                bandwidth_bytes_per_s: 5e10,
                latency_s: 2e-5,
            },
        },
        sources: Vec::new(),
    }
}

fn roofline(weight_precision: Precision, heads: u32) -> CostModel {
    let model = ModelSpec {
        name: "Toy".into(),
        parameters: 8_000_000_000,
        hidden_size: 4096,
        layers: 32,
        attention_heads: heads,
        kv_heads: 8,
        head_dim: 128,
        max_model_len: 8192,
        weight_precision,
        kv_precision: Precision::Bf16,
        attention_precision: Precision::Bf16,
        sources: Vec::new(),
    };
    let deployment = Deployment {
        model: &model,
        hardware: &hardware(),
        tensor_parallel: 2,
        correction: Correction {
            alpha: 1.3,
            beta_s: 1e-4,
        },
    };
    CostModel::Roofline(Roofline::new(&deployment).unwrap())
}

fn models() -> Vec<CostModel> {
    let linear = LinearSpec {
        c_s: 0.01,
        a_s: 0.0005,
        b0_tokens: 3,
    };
    let phases = PhasesSpec {
        decode_context_token_s: 1.3e-9,
        ..PhasesSpec::default()
    };
    vec![
        CostModel::Linear(linear.build().unwrap()),
        CostModel::Phases(phases.build().unwrap()),
        roofline(Precision::Bf16, 32),
        roofline(Precision::Fp8, 32),
        // So many heads that attention is bound by arithmetic.
        roofline(Precision::Bf16, 32_000),
    ]
}

#[test]
fn a_run_equals_its_steps_and_ends_where_the_line_does() {
    let (mut cut, mut whole) = (0, 0);
    for model in models() {
        for (decodes, context, chunk) in [
            (1, 10, None),
            (256, 70_000, None),
            (3, 30_000, Some(512)),
            (0, 0, Some(64)),
            (290, 600, Some(1)),
        ] {
            let mut shape = BatchShape::default();
            shape.add_decodes(decodes, context);
            let mut growth = Growth::of_decodes(decodes);
            if let Some(tokens) = chunk {
                shape.add_chunk(tokens, tokens);
                growth.add_chunk(tokens);
            }
            let (line, steps) = model.line(&shape, &growth, 400);
            assert!((1..=400).contains(&steps));
            for i in 0..steps {
                assert_eq!(line.at(i), model.step_time(&shape).units());
                shape = shape.grown(&growth);
            }
            if steps < 400 {
                assert_ne!(line.at(steps), model.step_time(&shape).units());
                cut += 1;
            } else {
                whole += 1;
            }
        }
    }
    assert!(cut > 0 && whole > 10, "{cut} cut, {whole} whole");
}
