//! Comment-preserving formatting.
