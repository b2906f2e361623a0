import CircuitBreaker from 'opossum';

const options = { name: 'mpesa', volumeThreshold: 3 };

export function create(saved?: string) {
  const state = saved === undefined ? {} : (JSON.parse(saved) as object);
  const mpesa = new CircuitBreaker((work: () => Promise<string>) => work(), { ...options, ...state });

  return { call: (work: () => Promise<string>) => mpesa.fire(work), save: () => JSON.stringify(mpesa.toJSON()) };
}
