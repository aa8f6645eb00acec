import fc from 'fast-check';
import { expect, test } from 'vitest';
import { languageOf } from '../../../src/pipelines/posts/language.ts';
import { ENGLISH } from './english-sentences.ts';
import { KOREAN } from './korean-sentences.ts';
import { UNSEEN_ENGLISH, UNSEEN_KOREAN } from './unseen-sentences.ts';

const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  en: [...ENGLISH, ...UNSEEN_ENGLISH].map(({ text }) => text),
  ko: [...KOREAN, ...UNSEEN_KOREAN, { text: '이 phone 진짜 amazing' }].map(({ text }) => text),
  es: [
    'Me gusta mucho este teléfono',
    'El servicio fue muy lento hoy',
    '¿Dónde está la estación?',
    'Gracias por todo, hasta mañana',
  ],
  pt: [
    'Eu gosto muito deste telefone',
    'O serviço foi muito lento hoje',
    'Onde fica a estação?',
    'Obrigado por tudo, até amanhã',
  ],
  fr: [
    "J'aime beaucoup ce téléphone",
    'Le service est très lent',
    'Où est la gare ?',
    'Merci pour tout, à demain',
  ],
  de: [
    'Das Telefon gefällt mir sehr',
    'Der Dienst war heute zu langsam',
    'Wo ist der Bahnhof?',
    'Danke für alles, bis morgen',
  ],
  it: [
    'Mi piace molto questo telefono',
    'Il servizio è stato lento oggi',
    'Dove è la stazione?',
    'Grazie di tutto, a domani',
  ],
  nl: [
    'Ik vind deze telefoon heel goed',
    'De dienst was vandaag te traag',
    'Waar is het station?',
    'Bedankt voor alles, tot morgen',
  ],
  sv: [
    'Jag tycker mycket om den här telefonen',
    'Det var för långsamt idag',
    'Var är stationen?',
    'Tack för allt, vi ses i morgon',
  ],
  pl: [
    'Bardzo lubię ten telefon',
    'To jest dziś za wolne',
    'Gdzie jest dworzec?',
    'Dziękuję za wszystko, do jutra',
  ],
  tr: [
    'Bu telefonu çok seviyorum',
    'Bugün her şey çok yavaş',
    'İstasyon nerede?',
    'Her şey için teşekkürler',
  ],
  id: [
    'Saya sangat suka telepon ini',
    'Hari ini layanan tidak bagus',
    'Di mana stasiun itu?',
    'Terima kasih untuk semua ini',
  ],
  ja: ['今日はいい天気ですね', 'サービスが遅い'],
  zh: ['我喜欢这个手机', '今天的服務很慢'],
  ru: ['Мне нравится этот телефон'],
  uk: ['Мені подобається цей телефон'],
  ar: ['أحب هذا الهاتف'],
  el: ['Μου αρέσει αυτό το τηλέφωνο'],
  he: ['אני אוהב את הטלפון הזה'],
  th: ['ฉันชอบโทรศัพท์เครื่องนี้'],
  hi: ['मुझे यह फोन पसंद है'],
};

test('the language of a sentence is told in 19 of 20 cases', () => {
  const all = Object.entries(SENTENCES).flatMap(([language, texts]) =>
    texts.map((text) => ({ language, text, told: languageOf(text, undefined) })),
  );
  const wrong = all.filter(({ language, told }) => told !== language);
  console.log(`${all.length} sentences, wrong:`, wrong);
  expect(wrong.length).toBeLessThanOrEqual(all.length / 20);
});

test('what the producer declares goes first, in its shortest form', () => {
  expect(languageOf('Hello there, how are you?', 'ko-KR')).toBe('ko');
  expect(languageOf('Hello there, how are you?', 'KOR')).toBe('ko');
  expect(languageOf('Hello there, how are you?', 'und')).toBe('en');
});

test('a text without letters, or with a name only, is undetermined', () => {
  for (const text of ['', '123 !!', '😀', 'Pikachu'])
    expect(languageOf(text, undefined)).toBe('und');
});

test('any text and any tag have one short language', () => {
  const tags = fc.option(fc.stringMatching(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), tags, (text, tag) => {
      expect(languageOf(text, tag)).toMatch(/^[a-z]{2,3}$/);
    }),
  );
});
