import { describe, expect, it } from 'vitest';
import { canonicalFormula, isFormulaReadable } from './formula.ts';

describe('a formula', () => {
  it.each([
    '=1+1',
    '=SUM(A1:B2, C:C, 3:3)',
    "='Đơn hàng'!A2:A",
    '=IF(A1="a ""b""",-1%,TRUE)',
    '=QUERY(Orders!A:Z,"select A where B > 0",1)',
    '={1,2;3,4}',
    '=LET(x,1,LAMBDA(y,y+x)(2))',
    '=INDEX(A:A,2):B9',
    '=IFERROR(A1/0,)',
    '=SUM(A1;B1)',
    '=-(1+2)^2&"x"',
    '=SUMIFS($C$2:$C,$B$2:$B,">="&A2)',
    '= A1',
    '=Table1[Total]',
    '=#REF!+1',
  ])('is read: %s', (formula) => {
    expect(isFormulaReadable(formula, 'en_US')).toBe(true);
  });

  it.each(['=', '=SUM(A1', '=1+', '=A1 B1', '=(1', '="a', '=1)', '=*2', '=SUM(A1))', '=A1:', '=, '])(
    'is not read: %s',
    (formula) => {
      expect(isFormulaReadable(formula, 'en_US')).toBe(false);
    },
  );

  it('takes its separators from the locale of the spreadsheet', () => {
    expect(isFormulaReadable('=SUM(A1,B1)', 'de_DE')).toBe(false);
    expect(isFormulaReadable('=SUM(A1;1,5)', 'de_DE')).toBe(true);
    expect(isFormulaReadable('=SUM(1,5;2)', 'pt_BR')).toBe(true);
  });

  it.each([
    ['=sum( sales!a3:a3 )', '=sum( Sales!A3 )'],
    ["='Sales'!B3:a2", '=Sales!A2:B3'],
    ['=sales!$d$3 + 1', '=Sales!$D$3 + 1'],
    [`=if(true,"a3:a3",'It''s'!A1)`, `=if(true,"a3:a3",'It''s'!A1)`],
    ['=Sales!3:3', '=Sales!3:3'],
    ['=log10(a1)', '=log10(A1)'],
  ])('is stored in Google’s own form: %s', (entered, stored) => {
    expect(canonicalFormula(entered, ['Sales', "It's"])).toBe(stored);
  });
});
