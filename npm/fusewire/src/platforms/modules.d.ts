declare module '*.base64' {
  const base64: string;
  export default base64;
}

declare module '*.brotli' {
  const base64: string;
  export default base64;
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*.wasm?module' {
  const module: WebAssembly.Module;
  export default module;
}

/** Module of `src/platforms` that fits where the program runs. The build, or a condition in `package.json`, chooses it. */
declare module '#platform' {
  export const backendLoaders: import('../engine/backend.ts').BackendLoaders;
  /** Returns the present async scope; undefined on platforms without async contexts. */
  export const openScope: () => import('../run/async-scope.ts').AsyncScope | undefined;
  /** Timers of each call; undefined where timers are shared. */
  export const requestTimers: import('../time/request-timers.ts').RequestTimers | undefined;
  /** Creates the development warnings; undefined where there are none. */
  export const loadWarnings: (() => import('../doctor/diagnostics-hook.ts').DiagnosticsHook) | undefined;
}

/** Module beside `#platform` with the engine of the policies, apart so that a Worker without a policy has no second engine. */
declare module '#policies' {
  export const loadPolicyEngine: () => import('../engine/policy-engine.ts').PolicyEngine;
}
