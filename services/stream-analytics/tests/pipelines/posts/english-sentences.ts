import type { Judged } from './judged.ts';

/** Written before the rules were, as people post; `+`, `-` or `0` is what a reader would say. */
export const ENGLISH: readonly Judged[] = `
+ I love this new phone, the camera is amazing
+ Great service and friendly staff, will come back
+ The update made everything so much faster, thank you!
+ Best coffee in town, hands down
+ Not bad at all, I would buy it again
+ My daughter is so happy with her birthday present
+ Finally a company that cares about its customers
+ The concert last night was fantastic
+ I can't recommend this book enough, it is brilliant
+ Delivery was quick and the packaging was perfect
+ Never had a problem with them in ten years
+ What a beautiful sunset over the Han river
+ Congrats to the whole team on winning the award
+ This app saves me an hour every day, wonderful
+ Good morning everyone, have a lovely day!
+ The support team fixed my issue within minutes, impressive
+ Feeling grateful for all the kind messages
+ Super comfortable shoes and they look gorgeous
+ I was afraid it would break, but it works perfectly
+ The soup wasn't bad and the dessert was delicious
+ So proud of our students today
+ Easy to install and fun to use
+ No complaints, everything went smoothly
+ Such a cute dog 😍
+ This made my day 😂❤️
- Worst customer service I have ever experienced
- The battery dies after two hours, very disappointing
- I hate the new design, it is ugly and confusing
- My order arrived broken and nobody answers my emails
- Not good, not good at all
- The food was cold and the waiter was rude
- I'm so tired of these constant crashes
- What a waste of money
- This is not the great product they promised
- The app is slow and full of bugs
- Terrible traffic again, late for work
- They lost my luggage and did not even apologize
- I don't like the taste of it
- The movie was boring and far too long
- Payment failed three times, this is ridiculous
- I will never trust this bank again
- Sad news about the fire downtown
- The screen cracked on the first day, awful quality
- It doesn't work and support is useless
- Scam! Do not buy from this shop
- I regret upgrading, everything is worse now
- Nobody is happy with this decision
- The room smelled horrible and the bed was dirty
- Waiting for two hours already, this is unacceptable
- It never works when I need it, so annoying
- The instructions were hardly helpful
- Without any warning they cancelled my flight
- I want my refund, this is a fraud
- The hotel looked nice, but the noise was a nightmare
- Ugh, another Monday 😡
0 The meeting starts at nine in room 204
0 I am on the train to Busan
0 New version 2.4 is available for download
0 He posted a picture of the station
0 The shop opens on Tuesday
0 We are moving our office to the third floor
0 Does anyone know when the library closes?
0 The report has forty pages
0 She bought a blue jacket and two shirts
0 Today is November 24
0 The bus leaves from platform six
0 Reading a book about rivers
0 They changed the address of the website
0 I had rice and fish for lunch
0 The train arrived at 10:42
`
  .trim()
  .split('\n')
  .map((line) => ({ polarity: line[0] as Judged['polarity'], text: line.slice(2) }));
