package endpoint

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// minCompressed is how many bytes an answer must have to be compressed: a shorter one fits into two packets as it is.
const minCompressed = 2 << 10

// coding is a content coding of answers, as Content-Encoding names it.
type coding string

// The codings that we write. Compressing tells the length of what was compressed, which can betray a secret beside a
// text that an attacker chooses. Here a page of an attacker cannot send a viewer's request at all: the token is in a
// header, not in a cookie.
const (
	plainCoding coding = ""
	gzipCoding  coding = "gzip"
	zstdCoding  coding = "zstd"
)

// acceptedCoding picks the coding of an answer by Accept-Encoding, zstd where both are as welcome.
func acceptedCoding(header http.Header) coding {
	gzipQuality, zstdQuality, anyQuality := -1.0, -1.0, 0.0
	for part := range strings.SplitSeq(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(part, ";")
		quality := 1.0
		if text, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			var err error
			if quality, err = strconv.ParseFloat(text, 64); err != nil {
				continue
			}
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip", "x-gzip":
			gzipQuality = quality
		case "zstd":
			zstdQuality = quality
		case "*":
			anyQuality = quality
		}
	}
	if gzipQuality < 0 {
		gzipQuality = anyQuality
	}
	if zstdQuality < 0 {
		zstdQuality = anyQuality
	}
	switch {
	case zstdQuality > 0 && zstdQuality >= gzipQuality:
		return zstdCoding
	case gzipQuality > 0:
		return gzipCoding
	default:
		return plainCoding
	}
}

// compressors keeps the compressors that are not at work; each holds some hundred kilobytes.
type compressors struct{ gzip, zstd sync.Pool }

type compressor interface {
	io.WriteCloser
	Reset(w io.Writer)
}

func newCompressors() *compressors {
	return &compressors{
		gzip: sync.Pool{New: func() any {
			w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
			if err != nil {
				panic(err) // the level is a constant
			}
			return w
		}},
		// One at a time and on the request's own goroutine; browsers refuse windows over 8 MB.
		zstd: sync.Pool{New: func() any {
			w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
				zstd.WithWindowSize(256<<10), zstd.WithLowerEncoderMem(true))
			if err != nil {
				panic(err) // the options are constants
			}
			return w
		}},
	}
}

// compress returns the parts as one text in a coding.
func (c *compressors) compress(parts [][]byte, in coding) []byte {
	pool := &c.gzip
	if in == zstdCoding {
		pool = &c.zstd
	}
	w := pool.Get().(compressor)
	defer pool.Put(w)
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	packed := bytes.NewBuffer(make([]byte, 0, length/4))
	w.Reset(packed)
	defer w.Reset(nil)
	for _, part := range parts {
		_, _ = w.Write(part) // a buffer never fails
	}
	_ = w.Close()
	return packed.Bytes()
}
