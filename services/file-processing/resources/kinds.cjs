// @ts-check
/**
 * The kinds of content and what their functions are given. A kind of the name `image` has the
 * function `processImage`, the queue `ImageQueue`, the role `ProcessImageRole`.
 *
 * @type {Record<string, { timeout: number, memorySize: number }>} seconds, MB
 */
module.exports = {
  // A picture of 100 megapixels is 400 MB decoded.
  image: { timeout: 90, memorySize: 2048 },
};
