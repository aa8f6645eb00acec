import type { Rule } from '../../rule.ts';
import { actionRules } from './actions.ts';
import { mqttRules } from './mqtt.ts';
import { sqlRules } from './sql.ts';

export const iotRules: readonly Rule[] = [...sqlRules, ...actionRules, ...mqttRules];
