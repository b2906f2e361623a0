/** Returns a name in capitals with underscores: `apiKey`, `api-key` and `API_KEY` become `API_KEY`. */
export function constantCase(name: string): string {
  return name
    .replaceAll(/([\da-z])([A-Z])/g, '$1_$2')
    .replaceAll(/[^\dA-Za-z]+/g, '_')
    .toUpperCase();
}
