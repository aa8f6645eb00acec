export type { ApiCall, ApiFate } from './api-fate.ts';
export { clockSkewMs } from './clock-skew.ts';
export { fingerprint } from './draw.ts';
export { createFaults, type FaultStatus, type Faults } from './faults.ts';
export { parseFaultPlan, readFaultPlan } from './parse-plan.ts';
export type { FaultPlanInput } from './plan.ts';
