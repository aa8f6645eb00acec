// @ts-check
/**
 * The kinds of content and what their functions are given. A kind of the name `image` has the
 * function `processImage`, the queue `ImageQueue`, the role `ProcessImageRole`.
 *
 * @typedef {{ Effect: string, Action: string[], Resource: unknown[] }} Statement
 * @type {Record<string, { timeout: number, memorySize: number, statements?: Statement[] }>}
 *   seconds, MB, and what the role allows besides
 */
module.exports = {
  // A picture of 100 megapixels is 400 MB decoded.
  image: { timeout: 90, memorySize: 2048 },
  // FFmpeg uses as many processors as there are: 3,538 MB come with two.
  media: {
    timeout: 900,
    memorySize: 3538,
    statements: [
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
        Resource: [{ 'Fn::GetAtt': ['PartsTable', 'Arn'] }],
      },
      {
        Effect: 'Allow',
        Action: ['sqs:SendMessage'],
        Resource: [
          { 'Fn::GetAtt': ['SegmentsQueue', 'Arn'] },
          { 'Fn::GetAtt': ['JoinsQueue', 'Arn'] },
        ],
      },
    ],
  },
  // Twice half a GiB for the thread that reads, and what is around it.
  document: { timeout: 180, memorySize: 1536 },
  // Streams: memory buys processors here.
  log: { timeout: 900, memorySize: 1769 },
  table: { timeout: 900, memorySize: 1769 },
};
