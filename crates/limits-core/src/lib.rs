//! How much may be under way.

#![no_std]
#![forbid(unsafe_code)]
