//! What the formulas need: special functions, quadrature, small linear algebra, roots. Nothing here
//! is shared with the engine.

pub(super) mod complex;
pub(super) mod linear;
pub(super) mod quadrature;
pub(super) mod roots;
pub(super) mod special;
