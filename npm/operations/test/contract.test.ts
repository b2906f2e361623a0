import { describe, test } from 'node:test';
import { eventSinkContract } from '@fusewire/operations/contract';
import { memoryEventSink } from '@fusewire/operations/events';

describe('the sink in memory', () => {
  for (const { name, check } of eventSinkContract) test(name, () => check(memoryEventSink()));
});
