import { definePipeline } from '../../domain/engine/pipeline.ts';
import { languageOf } from './language.ts';
import { sentimentOf } from './sentiment.ts';
import { taggedOf } from './tags.ts';
import { postTerms } from './terms.ts';

/** What a post says, as a function of the post alone: order and repetition cannot change any count. */
export const posts = definePipeline({
  name: 'posts',
  takes: ['millrace.post.v1'],
  apply({ event: { time, data } }, work) {
    const { hashtags, mentions, rest } = taggedOf(data.text);
    const lang = languageOf(rest, data.lang);
    const { score, polarity } = sentimentOf(rest, lang);
    work.count('posts.sentiment', time, { by: { lang, polarity }, value: score });
    for (const term of hashtags) work.count('posts.hashtags', time, { by: {}, term });
    for (const term of mentions) work.count('posts.mentions', time, { by: {}, term });
    for (const term of postTerms(rest)) work.count('posts.terms', time, { by: { lang }, term });
  },
});
