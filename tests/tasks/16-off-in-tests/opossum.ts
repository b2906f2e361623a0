import CircuitBreaker from 'opossum';

export function create(environment: string) {
  const mpesa = new CircuitBreaker((work: () => Promise<string>) => work(), { enabled: environment !== 'test' });

  return { call: (work: () => Promise<string>) => mpesa.fire(work) };
}
