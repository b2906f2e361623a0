import { DEFAULT_TOPIC, LONGEST_DURATION } from './consumer-options.ts';
import type { NewMessage } from './queue-store.ts';
import type { QueueMessage } from './queue.ts';
import { checkGroup, checkKey, checkTopic, requireObject, toJson } from './queue-text.ts';

const DEFAULT_PRIORITY = 2;
const MAX_MESSAGES = 10_000;

/** Validates a message, and converts its payload to JSON. */
export function readMessage(message: QueueMessage, maxPayload: number): NewMessage {
  const {
    key,
    payload,
    topic = DEFAULT_TOPIC,
    delay = 0,
    priority = DEFAULT_PRIORITY,
    ifDead = 'revive',
    group,
  } = requireObject(message, 'message');
  checkKey(key);
  checkTopic(topic);
  if (group !== undefined) checkGroup(group);
  if (typeof delay !== 'number') throw new TypeError('Queue: delay must be a number of milliseconds');
  if (!(delay >= 0 && delay <= LONGEST_DURATION)) {
    throw new RangeError(`Queue: delay must be a number of milliseconds from 0 to ${LONGEST_DURATION}`);
  }
  if (![0, 1, 2, 3, 4].includes(priority)) throw new RangeError('Queue: priority must be a whole number from 0 to 4');
  if (ifDead !== 'revive' && ifDead !== 'keep') throw new RangeError("Queue: ifDead must be 'revive' or 'keep'");
  const text = toJson(payload, maxPayload);
  return { topic, key, payload: text, delay, priority, revives: ifDead === 'revive', group: group ?? null };
}

/** Validates messages. The error of an invalid one names its index. */
export function readMessages(messages: readonly QueueMessage[], maxPayload: number): NewMessage[] {
  if (!Array.isArray(messages)) throw new TypeError('Queue: the messages must be an array');
  if (messages.length > MAX_MESSAGES) {
    throw new RangeError(`Queue: the messages must be at most ${MAX_MESSAGES}, and are ${messages.length}`);
  }
  return (messages as readonly QueueMessage[]).map((message, index) => {
    try {
      return readMessage(message, maxPayload);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      error.message = error.message.replace(/^Queue: /, `Queue: messages[${index}]: `);
      throw error;
    }
  });
}

/** Messages without those whose topic and key another one has. */
interface Distinct {
  /** First message of each topic and key. */
  readonly first: readonly NewMessage[];
  /** Index in `first` for each message. */
  readonly indexes: readonly number[];
}

/** Returns the first message of each topic and key. */
export function distinct(messages: readonly NewMessage[]): Distinct {
  const first: NewMessage[] = [];
  const known = new Map<string, number>();
  const indexes = messages.map((message) => {
    const name = `${message.topic.length}:${message.topic}${message.key}`;
    const index = known.get(name) ?? first.push(message) - 1;
    known.set(name, index);
    return index;
  });
  return { first, indexes };
}
