export type { BucketProvisioning, CorsRule } from './kinds/kind.ts';
export {
  createProvisioner,
  type ProvisionedService,
  type Provisioner,
  type ProvisionerOptions,
} from './provisioner.ts';
