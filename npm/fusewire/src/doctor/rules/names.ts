import type { BreakerRule, ConfigurationRule } from '../rule.ts';

export const unnamed: BreakerRule = {
  code: 'unnamed',
  severity: 'warning',
  reason: 'Errors, events and stats of breakers without a name cannot be told apart.',
  advice: "Name it after what it protects: { name: 'mpesa' }.",
  check({ options, name }) {
    return options.name === undefined && name === 'unnamed' ? 'it has no name' : undefined;
  },
};

export const nameTwice: ConfigurationRule = {
  code: 'name-twice',
  severity: 'warning',
  reason:
    'Two breakers of one name are two circuits: each sees half of the failures, and in stats one stands for the other. Mostly ' +
    'the second one is made by mistake, where the first was to be shared.',
  advice: 'Make it once for all who need it, get it from a BreakerRegistry, or give each its own name.',
  *check({ breakers }) {
    const counts = new Map<string, number>();
    for (const { name, options } of breakers) {
      if (options.scope !== 'process' && name !== 'unnamed') counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const [name, count] of counts) if (count > 1) yield [name, `${count} breakers have this name`];
  },
};
