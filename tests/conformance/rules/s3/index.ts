import type { Rule } from '../../rule.ts';
import { checksumRules } from './checksums.ts';
import { conditionalWriteRules } from './conditional-writes.ts';
import { corsRules } from './cors.ts';
import { lifecycleRules } from './lifecycle.ts';
import { multipartRules } from './multipart.ts';
import { notificationRules } from './notifications.ts';
import { presignedUrlRules } from './presigned-urls.ts';
import { readRules } from './reads.ts';
import { taggingAndCopyRules } from './tagging-and-copy.ts';
import { versioningRules } from './versioning.ts';

export const s3Rules: readonly Rule[] = [
  ...notificationRules,
  ...conditionalWriteRules,
  ...multipartRules,
  ...checksumRules,
  ...presignedUrlRules,
  ...readRules,
  ...versioningRules,
  ...taggingAndCopyRules,
  ...corsRules,
  ...lifecycleRules,
];
