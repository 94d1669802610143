//! The paged KV cache of one instance: blocks, who holds them, what they contain.

mod free_list;
mod pool;

pub use pool::{BlockId, BlockPool};
