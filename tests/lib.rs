//! The tests stand in `tests/`, one file a feature; this library is empty.
