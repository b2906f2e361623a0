import { Inject } from '@nestjs/common';
import { BreakerRegistry } from 'fusewire';

/** Returns the injection token of the breaker called `name`. */
export function getBreakerToken(name: string): string {
  return `fusewire:breaker:${name}`;
}

/** Injects the breaker called `name`, which `CircuitBreakerModule.forFeature()` has defined. */
export const InjectBreaker = (name: string): PropertyDecorator & ParameterDecorator => Inject(getBreakerToken(name));

/** Injects the registry of the application. The class `BreakerRegistry` is its token, too. */
export const InjectRegistry = (): PropertyDecorator & ParameterDecorator => Inject(BreakerRegistry);
