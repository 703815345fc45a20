package limits

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Text checks a document before it is parsed. It reads no further than the first bound that is passed, so that the
// work is bounded whatever the document holds. What it cannot read, the parser will refuse in its own words.
func (p *Policy) Text(text string) []Excess {
	var t tally
	t[Bytes] = len(text)
	if passed := p.excesses(&t); passed != nil {
		return passed
	}
	for tokens := lexer.New(&ast.Source{Input: text}); ; {
		token, err := tokens.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return nil
		}
		t[Tokens]++
		switch token.Kind {
		case lexer.Name:
			t[NameBytes] = len(token.Value)
		case lexer.String, lexer.Int, lexer.Float:
			t[LiteralBytes] = len(token.Value)
		case lexer.BlockString: // its value has lost the indents and the empty lines
			t[LiteralBytes] = max(len(token.Value), token.Pos.End-token.Pos.Start-len(`""""""`))
		}
		if passed := p.excesses(&t); passed != nil {
			return passed
		}
	}
}
