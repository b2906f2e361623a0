//! Build script: sets the linker options of a Node addon, whose N-API symbols Node provides.

fn main() {
    napi_build::setup();
}
