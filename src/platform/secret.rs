//! Comparing secrets that somebody shows at a door.
//!
//! Where they come from, and what a wrong one is answered with, is for each platform.

/// Compared by their hashes, in a time that tells nothing about either.
pub(super) fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let hash = |bytes| ring::digest::digest(&ring::digest::SHA256, bytes);
    let (one, other) = (hash(one), hash(other));
    let pairs = one.as_ref().iter().zip(other.as_ref());
    pairs.fold(0, |seen, (one, other)| seen | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_is_equal() {
        for (one, other, expected) in
            [("s3cret", "s3cret", true), ("s3cret", "s3cre", false), ("", "s", false)]
        {
            assert_eq!(is_equal(one.as_bytes(), other.as_bytes()), expected, "{one} {other}");
        }
    }
}
