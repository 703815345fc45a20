package upstream

import "math"

// MinorUnits turns an amount in whole units of a currency, as some vendors have it, into minor ones; without a currency, into
// hundredths. One beyond 53 bits is not exact any more and is left out, as is one that is nil.
func MinorUnits(value *float64, currency string) *int {
	if value == nil {
		return nil
	}
	units := math.Round(*value * math.Pow10(decimals(currency)))
	if math.Abs(units) > 1<<53-1 {
		return nil
	}
	whole := int(units)
	return &whole
}

// decimals is how many digits a currency's minor unit has (ISO 4217); those with none or three are the exceptions.
func decimals(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	default:
		return 2
	}
}
