import type { Logger } from '@shared/utils/logger';
import { vi } from 'vitest';

export const createMockLogger = (): Logger => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() });
