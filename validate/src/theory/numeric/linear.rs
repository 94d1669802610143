//! Small dense linear algebra.

use std::ops::{Index, IndexMut};

/// A square matrix in rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    size: usize,
    entries: Vec<f64>,
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;
    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.entries[row * self.size + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.entries[row * self.size + column]
    }
}

impl Matrix {
    pub(crate) fn zeros(size: usize) -> Matrix {
        Matrix {
            size,
            entries: vec![0.0; size * size],
        }
    }

    pub(crate) fn identity(size: usize) -> Matrix {
        let mut matrix = Matrix::zeros(size);
        for index in 0..size {
            matrix[(index, index)] = 1.0;
        }
        matrix
    }

    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.entries[row * self.size..(row + 1) * self.size]
    }

    pub(crate) fn add(&self, other: &Matrix) -> Matrix {
        let pairs = self.entries.iter().zip(&other.entries);
        Matrix {
            size: self.size,
            entries: pairs.map(|(a, b)| a + b).collect(),
        }
    }

    pub(crate) fn scale(&self, factor: f64) -> Matrix {
        Matrix {
            size: self.size,
            entries: self.entries.iter().map(|entry| entry * factor).collect(),
        }
    }

    pub(crate) fn multiply(&self, other: &Matrix) -> Matrix {
        let mut product = Matrix::zeros(self.size);
        for row in 0..self.size {
            for inner in 0..self.size {
                let factor = self[(row, inner)];
                if factor != 0.0 {
                    for column in 0..self.size {
                        product[(row, column)] += factor * other[(inner, column)];
                    }
                }
            }
        }
        product
    }

    /// The row vector times the matrix.
    pub(crate) fn apply_left(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size];
        for (row, factor) in vector.iter().enumerate() {
            for (sum, entry) in product.iter_mut().zip(self.row(row)) {
                *sum += factor * entry;
            }
        }
        product
    }

    /// Solves `self` X = `right`, column by column, by elimination with partial pivoting; `None` if
    /// singular.
    pub(crate) fn solve(&self, right: &Matrix) -> Option<Matrix> {
        let (size, mut left, mut right) = (self.size, self.clone(), right.clone());
        for column in 0..size {
            let better = |a: &usize, b: &usize| {
                left[(*a, column)]
                    .abs()
                    .total_cmp(&left[(*b, column)].abs())
            };
            let pivot = (column..size).max_by(better)?;
            if left[(pivot, column)] == 0.0 {
                return None;
            }
            left.swap_rows(pivot, column);
            right.swap_rows(pivot, column);
            for row in 0..size {
                let factor = left[(row, column)] / left[(column, column)];
                if row != column && factor != 0.0 {
                    left.subtract_row(row, column, factor);
                    right.subtract_row(row, column, factor);
                }
            }
        }
        for row in 0..size {
            let pivot = left[(row, row)];
            right.entries[row * size..(row + 1) * size]
                .iter_mut()
                .for_each(|entry| *entry /= pivot);
        }
        Some(right)
    }

    fn swap_rows(&mut self, a: usize, b: usize) {
        for column in 0..self.size {
            self.entries
                .swap(a * self.size + column, b * self.size + column);
        }
    }

    fn subtract_row(&mut self, row: usize, other: usize, factor: f64) {
        for column in 0..self.size {
            let subtrahend = factor * self[(other, column)];
            self[(row, column)] -= subtrahend;
        }
    }
}

/// Solves `matrix` x = `right` for one vector; `None` if singular.
pub(crate) fn solve_vector(matrix: &Matrix, right: &[f64]) -> Option<Vec<f64>> {
    let mut columns = Matrix::zeros(matrix.size());
    for (row, value) in right.iter().enumerate() {
        columns[(row, 0)] = *value;
    }
    let solution = matrix.solve(&columns)?;
    Some((0..matrix.size()).map(|row| solution[(row, 0)]).collect())
}

/// The stationary law of an irreducible Markov chain from its rates (the diagonal is ignored), by
/// elimination without subtractions (Grassmann, Taksar and Heyman, Regenerative analysis and steady
/// state distributions for Markov chains, Operations Research 33, 1985).
pub(crate) fn stationary(rates: &Matrix) -> Vec<f64> {
    let size = rates.size();
    let mut rates = rates.clone();
    for last in (1..size).rev() {
        let out: f64 = (0..last).map(|column| rates[(last, column)]).sum();
        for row in 0..last {
            rates[(row, last)] /= out;
            let factor = rates[(row, last)];
            if factor != 0.0 {
                for column in 0..last {
                    let through = factor * rates[(last, column)];
                    rates[(row, column)] += through;
                }
            }
        }
    }
    let mut law = vec![0.0; size];
    law[0] = 1.0;
    for state in 1..size {
        law[state] = (0..state).map(|row| law[row] * rates[(row, state)]).sum();
    }
    let total: f64 = law.iter().sum();
    law.iter_mut().for_each(|probability| *probability /= total);
    law
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_solved() {
        let mut matrix = Matrix::zeros(3);
        let rows = [[0.0, 2.0, 1.0], [1.0, -1.0, 3.0], [4.0, 0.5, -2.0]];
        for (row, entries) in rows.iter().enumerate() {
            for (column, entry) in entries.iter().enumerate() {
                matrix[(row, column)] = *entry;
            }
        }
        let x = solve_vector(&matrix, &[7.0, 8.0, -1.0]).unwrap();
        for (row, expected) in [7.0, 8.0, -1.0].iter().enumerate() {
            let value: f64 = (0..3).map(|column| matrix[(row, column)] * x[column]).sum();
            assert!((value - expected).abs() < 1e-13);
        }
        assert_eq!(Matrix::zeros(2).solve(&Matrix::identity(2)), None);
    }

    #[test]
    fn a_stationary_law_balances() {
        let mut rates = Matrix::zeros(4);
        for row in 0..4 {
            for column in 0..4 {
                rates[(row, column)] = ((3 * row + 5 * column + row * column) % 7) as f64;
            }
        }
        let law = stationary(&rates);
        for state in 0..4 {
            let inflow: f64 = (0..4)
                .filter(|from| *from != state)
                .map(|from| law[from] * rates[(from, state)])
                .sum();
            let out: f64 = (0..4)
                .filter(|to| *to != state)
                .map(|to| rates[(state, to)])
                .sum();
            assert!((inflow - out * law[state]).abs() < 1e-14);
        }
    }
}
