// @ts-check
/**
 * The layer with ffmpeg and ffprobe in `bin/` (docs/media.md says how to make one): that of
 * --param ffmpegLayerArn=…, none without it. Where FFmpeg is on the machine none is needed.
 *
 * @param {{ resolveVariable: (variable: string) => Promise<string> }} serverless
 */
module.exports = async ({ resolveVariable }) => {
  const arn = await resolveVariable("param:ffmpegLayerArn, 'none'");
  return arn === 'none' ? [] : [arn];
};
