//! Records to write, of an imagined run.

use kendall_kernel::Time;
use kendall_llm::{RequestRecord, Status, StepRecord};

/// A well-spread 64-bit function of `x` (the finaliser of splitmix64).
#[must_use]
pub fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Request `id`: requests 10 ms apart with plausible lengths and latencies.
#[must_use]
pub fn request(id: u64) -> RequestRecord {
    let noise = mix(id);
    let arrival = id * 10_000_000 + noise % 1_000_000;
    let scheduled = arrival + mix(id + 1) % 20_000_000;
    let first_token = scheduled + 30_000_000 + mix(id + 2) % 200_000_000;
    let output_tokens = 1 + (mix(id + 3) % 400) as u32;
    let finish = first_token + u64::from(output_tokens - 1) * (20_000_000 + noise % 3_000_000);
    RequestRecord {
        request_id: id,
        class: (noise % 3) as u16,
        session_id: (!noise.is_multiple_of(4)).then_some((id / 4) as u32),
        instance: Some((noise % 8) as u16),
        prefill_instance: None,
        arrival: Time::from_ns(arrival),
        scheduled: Some(Time::from_ns(scheduled)),
        first_token: Some(Time::from_ns(first_token)),
        finish: Some(Time::from_ns(finish)),
        prompt_tokens: 1 + (noise % 8000) as u32,
        output_tokens,
        generated_tokens: output_tokens,
        cached_tokens: (noise % 8000) as u32 / 48 * 16,
        preemptions: u16::from(noise.is_multiple_of(50)),
        status: Status::Finished,
    }
}

/// Step `iteration` of an instance, 20 ms long.
#[must_use]
pub fn step(instance: u16, iteration: u64) -> StepRecord {
    let noise = mix(iteration);
    let start = iteration * 20_000_000 + noise % 1_000_000;
    StepRecord {
        instance,
        iteration,
        start: Time::from_ns(start),
        end: Time::from_ns(start + 19_000_000),
        prefill_tokens: (noise % 8) as u32 / 7 * 512,
        decode_tokens: 32 + (noise % 16) as u32,
        running: 48,
        waiting: (iteration % 5) as u32,
        preempted: 0,
        kv_blocks_used: 1000 + (iteration % 4096) as u32,
        context_tokens: 16_000 + 32 * (iteration % 4096),
        same_batch: !noise.is_multiple_of(8),
    }
}
