/** Words that nearly every sentence of a language has, and letters that few others write. */
interface LatinLanguage {
  readonly words: ReadonlySet<string>;
  readonly letters: string;
}

const language = (words: string, letters = ''): LatinLanguage => ({
  words: new Set(words.split(' ')),
  letters,
});

const LANGUAGES: readonly (readonly [string, LatinLanguage])[] = [
  [
    'en',
    language(
      "the and is are was were i you he she it we they my your his her our their this that these those to of in on at for with from by as be been have has had do does did don't not but or if so what when where who how why can can't will would could should it's i'm that's there here just very too more most all no an a me him them us about out up only than then now because after before never always really good great love like best worst thanks thank today another such everything nothing new any don't isn't wasn't didn't doesn't",
    ),
  ],
  [
    'es',
    language(
      'el la los las un una unos de del al y o que en es son era fue por para con sin no se su sus mi tu me te lo le les como pero más muy ya está estoy están esta este esto hay todo todos cuando porque donde quién qué cómo también gracias hola bueno buena hoy nada yo',
      'ñ¿¡áíóú',
    ),
  ],
  [
    'pt',
    language(
      'o a os as um uma de do da dos das e que em no na nos nas é são foi por para com sem não se seu sua meu minha me te lhe como mas mais muito já está estou isso este esta há tudo todos quando porque onde também obrigado obrigada bom boa hoje eu você ao à pelo pela',
      'ãõçê',
    ),
  ],
  [
    'fr',
    language(
      "le la les un une des de du et ou que qui en est sont était a ont pour par avec sans ne pas se sa son ses mon ma mes je tu il elle nous vous ils elles ce cette ces c'est j'ai mais plus très bien au aux dans sur comme tout tous quand où merci bonjour aussi y être fait moi",
      'èêëçœîùû',
    ),
  ],
  [
    'de',
    language(
      'der die das den dem des ein eine einen einem einer und oder ist sind war waren ich du er sie es wir ihr mein meine dein nicht kein keine mit von zu zum zur für auf in im an am aus bei nach wie was wer wo aber auch sehr gut schon noch nur wenn dass weil haben hat habe wird werden danke heute mehr über',
      'ßäöü',
    ),
  ],
  [
    'it',
    language(
      "il lo la i gli le un uno una di del della dei delle e o che in è sono era per con senza non si suo sua mio mia mi ti ci come ma più molto già sta sto questo questa c'è tutto tutti quando perché dove anche grazie ciao buono buona oggi nel nella al alla da dal ho ha hanno io",
      'èìòù',
    ),
  ],
  [
    'nl',
    language(
      'de het een en of is zijn was waren ik jij je hij zij we wij jullie mijn jouw niet geen met van voor op in aan uit bij naar als wat wie waar maar ook heel goed al nog maar dan dat die dit deze om te heeft heb hebben wordt worden dank vandaag meer over er',
    ),
  ],
  [
    'sv',
    language(
      'och att det som en ett är var jag du han hon vi ni de inte på av för med till från om den har hade men också mycket bra redan när där här så kan ska vill tack idag mer över min din mitt',
      'åäö',
    ),
  ],
  [
    'pl',
    language(
      'i w we z ze na do nie się to jest są był była było ja ty on ona my wy oni mój moja ale czy jak co kto gdzie kiedy bardzo dobrze już tylko też dla od po za przez który która które tak dziękuję dzisiaj dziś mam ma',
      'łąęśźżćń',
    ),
  ],
  [
    'tr',
    language(
      've bir bu şu o da de mi mı mu mü için ile çok daha en ne nasıl nerede kim ben sen biz siz onlar benim senin değil var yok ama gibi kadar sonra önce bugün teşekkürler teşekkür iyi güzel her şey hiç olarak olan oldu',
      'ğışç',
    ),
  ],
  [
    'id',
    language(
      'yang dan di ke dari ini itu untuk dengan tidak ada saya aku kamu dia kami kita mereka adalah akan sudah belum bisa juga sangat banyak lebih pada oleh karena tapi atau apa siapa mana kapan terima kasih hari bagus sekali nya lagi',
    ),
  ],
];

const WORD = /\p{Script=Latin}[\p{Script=Latin}\p{M}'’]*/gu;
/** A letter of its own says about as much as a word. */
const MOST_LETTERS = 3;

/** Words that English shares with others are mostly English: more posts are. */
const ENGLISH_LEAD = 0.5;

/** ISO 639-1; undefined where no word tells, or languages other than English share all that do. */
export function latinLanguage(text: string): string | undefined {
  const words = (text.toLowerCase().match(WORD) ?? []).map((word) => word.replaceAll('’', "'"));
  let best: string | undefined;
  let most = 0;
  for (const [name, { words: known, letters }] of LANGUAGES) {
    let points = words.filter((word) => known.has(word)).length;
    points += lettersOf(letters, words);
    if (name === 'en' && points > 0) points += ENGLISH_LEAD;
    if (points > most) [best, most] = [name, points];
    else if (points === most) best = undefined;
  }
  return best;
}

function lettersOf(letters: string, words: readonly string[]): number {
  const found = words.filter((word) => [...letters].some((letter) => word.includes(letter)));
  return Math.min(found.length, MOST_LETTERS);
}
