import { CircuitBreaker } from 'fusewire';

const model = new CircuitBreaker({ name: 'model' });

export const read = (source: () => AsyncIterable<string>) => model.executeStream(source);
