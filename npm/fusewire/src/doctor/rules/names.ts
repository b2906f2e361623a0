import type { BreakerRule, ConfigurationRule } from '../rule.ts';

export const unnamed: BreakerRule = {
  code: 'unnamed',
  severity: 'warning',
  reason: 'Errors, events and stats of breakers without a name cannot be distinguished.',
  advice: "Name it after what it protects: { name: 'mpesa' }.",
  check({ options, name }) {
    return options.name === undefined && name === 'unnamed' ? 'it has no name' : undefined;
  },
};

export const nameTwice: ConfigurationRule = {
  code: 'name-twice',
  severity: 'warning',
  reason:
    'Two breakers of one name are two circuits: each sees half of the failures, and stats mix them up. Mostly the second ' +
    'one is created by mistake, although the first should be shared.',
  advice: 'Create it once and share it, get it from a BreakerRegistry, or give each breaker its own name.',
  *check({ breakers }) {
    const counts = new Map<string, number>();
    for (const { name, options } of breakers) {
      if (options.scope !== 'process' && name !== 'unnamed') counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const [name, count] of counts) if (count > 1) yield [name, `${count} breakers have this name`];
  },
};
