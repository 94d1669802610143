//! Work on all cores, put together by index.

/// Maps in the order of the items, on all cores with the feature `parallel`.
#[cfg(feature = "parallel")]
pub(crate) fn each<T: Send, U: Send, E: Send>(
    items: Vec<T>,
    map: impl Fn(T) -> Result<U, E> + Sync + Send,
) -> Result<Vec<U>, E> {
    use rayon::prelude::*;

    items.into_par_iter().map(map).collect()
}

/// Maps in the order of the items, on all cores with the feature `parallel`.
#[cfg(not(feature = "parallel"))]
pub(crate) fn each<T, U, E>(items: Vec<T>, map: impl Fn(T) -> Result<U, E>) -> Result<Vec<U>, E> {
    items.into_iter().map(map).collect()
}
