import { createMockLogger as create } from '@fusewire/testing';
import { vi } from 'vitest';

export const createMockLogger = () => create(vi.fn);
