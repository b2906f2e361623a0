/** A store of text by key. */
const kept = new Map<string, string>();

export const store = {
  async get(key: string): Promise<string | null> {
    return kept.get(key) ?? null;
  },
  async set(key: string, text: string): Promise<void> {
    kept.set(key, text);
  },
};
