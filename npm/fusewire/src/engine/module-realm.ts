/** Next.js compiles a module outside the realm of its edge routes, where it would not be known for a module. */
export function adoptModule(compiled: WebAssembly.Module): WebAssembly.Module {
  return Object.setPrototypeOf(compiled, WebAssembly.Module.prototype);
}
