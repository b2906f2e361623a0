/** Store of texts by key, in memory. */
const texts = new Map<string, string>();

export const store = {
  async get(key: string): Promise<string | null> {
    return texts.get(key) ?? null;
  },
  async set(key: string, text: string): Promise<void> {
    texts.set(key, text);
  },
};
