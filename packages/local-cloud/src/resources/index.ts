export { createProvisioner, type Provisioner } from './provisioner.ts';
