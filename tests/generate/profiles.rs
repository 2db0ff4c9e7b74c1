//! Random small profiles.
