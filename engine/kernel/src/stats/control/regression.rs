//! Least squares, for a handful of controls.

use crate::stats::moments::{mean, sum};

/// The intercept of a regression at the known means of the controls.
pub(super) struct Regression {
    /// The intercept.
    pub(super) value: f64,
    /// Its estimated variance.
    pub(super) variance: f64,
    /// One per control.
    pub(super) coefficients: Vec<f64>,
}

/// The share of its own variation that a control must have left beside the others: below, rounding
/// decides the coefficients.
const LEAST_SHARE: f64 = 1e-9;

impl Regression {
    /// `controls` lists those of the first response, then of the second, and so on; there are more
    /// responses than controls and one.
    ///
    /// # Errors
    /// The index of the first control that does not vary or follows from those before it.
    pub(super) fn new(
        responses: &[f64],
        controls: &[f64],
        known_means: &[f64],
    ) -> Result<Regression, usize> {
        let (n, q) = (responses.len(), known_means.len());
        let y_mean = mean(responses);
        let y = responses.iter().map(|y| y - y_mean).collect::<Vec<_>>();
        // Centred and scaled to unit length, so that products are correlations.
        let mut columns = Vec::with_capacity(q);
        let mut scales = Vec::with_capacity(q);
        let mut offsets = Vec::with_capacity(q);
        for (j, known) in known_means.iter().enumerate() {
            let column = controls.iter().skip(j).step_by(q).copied();
            let column = column.collect::<Vec<_>>();
            let average = mean(&column);
            let centred = column.iter().map(|x| x - average).collect::<Vec<_>>();
            let scale = dot(&centred, &centred).sqrt();
            // What rounding leaves of a constant.
            if scale <= LEAST_SHARE * average.abs() {
                return Err(j);
            }
            columns.push(centred.iter().map(|x| x / scale).collect::<Vec<_>>());
            scales.push(scale);
            offsets.push((average - known) / scale);
        }
        let factor = cholesky(&columns)?;
        let products = columns.iter().map(|column| dot(column, &y));
        let slopes = solve(&factor, products.collect());
        let residual = |i: usize| y[i] - dot_at(&columns, &slopes, i);
        let squares = sum((0..n).map(|i| residual(i) * residual(i)));
        let variance = squares / (n - q - 1) as f64;
        // The quadratic form of the offsets in the inverse matrix.
        let leverage = dot(&offsets, &solve(&factor, offsets.clone()));
        let unscaled = slopes.iter().zip(&scales).map(|(b, scale)| b / scale);
        Ok(Regression {
            value: y_mean - dot(&slopes, &offsets),
            variance: variance * (1.0 / n as f64 + leverage),
            coefficients: unscaled.collect(),
        })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    sum(a.iter().zip(b).map(|(x, y)| x * y))
}

/// The fitted value of response `i`.
fn dot_at(columns: &[Vec<f64>], slopes: &[f64], i: usize) -> f64 {
    sum(columns.iter().zip(slopes).map(|(column, b)| column[i] * b))
}

/// The lower triangle L of the products of the columns, which are L L'.
///
/// # Errors
/// The index of the first column that follows from those before it.
fn cholesky(columns: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, usize> {
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(columns.len());
    for (i, column) in columns.iter().enumerate() {
        let mut row = Vec::with_capacity(i + 1);
        for (j, other) in columns[..i].iter().enumerate() {
            let known = dot(&row[..j], &rows[j][..j]);
            row.push((dot(column, other) - known) / rows[j][j]);
        }
        let left = 1.0 - dot(&row, &row);
        if left <= LEAST_SHARE {
            return Err(i);
        }
        row.push(left.sqrt());
        rows.push(row);
    }
    Ok(rows)
}

/// The x with L L' x = `right`.
fn solve(rows: &[Vec<f64>], mut right: Vec<f64>) -> Vec<f64> {
    for i in 0..rows.len() {
        let known = dot(&rows[i][..i], &right[..i]);
        right[i] = (right[i] - known) / rows[i][i];
    }
    for i in (0..rows.len()).rev() {
        let known = sum((i + 1..rows.len()).map(|j| rows[j][i] * right[j]));
        right[i] = (right[i] - known) / rows[i][i];
    }
    right
}
