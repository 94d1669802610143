//! x
fn main() {
    let r = kendall_validate::vllm::check(std::path::Path::new(&std::env::args().nth(1).unwrap()), Default::default()).unwrap();
    for c in &r.cases { if c.verdict.name() != "passed" { println!("{} {} {:.300}", c.name, c.verdict.name(), c.detail); } }
    println!("{}", r.summary());
}
