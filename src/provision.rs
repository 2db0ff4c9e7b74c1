//! Makes and removes what a [`plan`](crate::plan) says, step by step, so that it can stop anywhere
//! and go on: intent, observation, call, result.
