/** Part of a message that decides on its group. */
interface GroupedMessage {
  readonly id: string;
  readonly topic: string;
  readonly group: string | null;
}

/** Groups of the messages in a queue in memory, each with its messages in order. Dead letters belong to none. */
export class MessageGroups {
  readonly #groups = new Map<string, Set<string>>();

  /** Adds a message to the end of its group, if it has one. */
  add(message: GroupedMessage): void {
    const name = nameOf(message);
    if (name === undefined) return;
    const ids = this.#groups.get(name);
    if (ids === undefined) this.#groups.set(name, new Set([message.id]));
    else ids.add(message.id);
  }

  remove(message: GroupedMessage): void {
    const name = nameOf(message);
    if (name === undefined) return;
    const ids = this.#groups.get(name);
    ids?.delete(message.id);
    if (ids?.size === 0) this.#groups.delete(name);
  }

  /** Whether a message is the first of its group, or has none. */
  isFirst(message: GroupedMessage): boolean {
    const name = nameOf(message);
    return name === undefined || this.#groups.get(name)?.values().next().value === message.id;
  }

  clear(): void {
    this.#groups.clear();
  }
}

function nameOf({ topic, group }: GroupedMessage): string | undefined {
  return group === null ? undefined : `${topic.length}:${topic}${group}`;
}
