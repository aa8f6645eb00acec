import type { Clock } from '../../clock.ts';
import type { FunctionInvoker } from '../../ports.ts';
import type { CloudState } from '../../state.ts';
import type { Registry } from '../registry/registry.ts';
import type { ReservedTopics } from '../reserved-topics.ts';
import { createOwnershipTokens } from './ownership-tokens.ts';
import { createProvisioningTopics } from './provisioning-topics.ts';
import { createRegisterThing } from './register-thing.ts';
import { createTemplates, type Templates } from './templates.ts';

/** Fleet provisioning: https://docs.aws.amazon.com/iot/latest/developerguide/provision-wo-cert.html */
export interface Provisioning {
  readonly templates: Templates;
  readonly topics: ReservedTopics;
  close(): void;
}

export function createProvisioning(options: {
  readonly state: CloudState;
  readonly clock: Clock;
  readonly functionClock: Clock;
  readonly registry: Registry;
  readonly invoker: FunctionInvoker;
  readonly log: (line: string) => void;
}): Provisioning {
  const { state, clock, functionClock, registry, invoker, log } = options;
  const templates = createTemplates(state);
  const tokens = createOwnershipTokens(state, clock, registry);
  const registerThing = createRegisterThing({
    ...{ state, clock: functionClock, registry, tokens, templates, invoker, log },
  });
  tokens.start();
  return {
    templates,
    topics: createProvisioningTopics({ registry, tokens, registerThing, log }),
    close: tokens.close,
  };
}
