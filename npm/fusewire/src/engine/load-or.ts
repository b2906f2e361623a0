/** Returns what `load` returns, or what `other` does if `load` throws. If both throw, the error of `load` counts. */
export function loadOr<Engine>(load: () => Engine, other: () => Engine): Engine {
  try {
    return load();
  } catch (error) {
    try {
      return other();
    } catch {
      throw error;
    }
  }
}
