import { createMockLogger as create } from '@fusewire/testing';
import { vi } from 'vitest';

/** Returns a logger whose functions are spies of vitest. */
export const createMockLogger = () => create(vi.fn);
