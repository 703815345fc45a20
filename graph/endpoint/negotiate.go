package endpoint

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// media is a media type of answers.
type media string

// The media types of the GraphQL-over-HTTP specification. The first one tells by the status whether the operation
// ran; under the second one every well-formed request is answered with 200.
const (
	graphqlMedia media = "application/graphql-response+json"
	jsonMedia    media = "application/json"
)

// answerMedia picks the media type of the answer; jsonMedia where Accept says nothing or nothing that we write.
func answerMedia(header http.Header) media {
	best, _ := accepted(header)
	return best
}

// accepted reads Accept: the media type to answer with, and whether the caller takes it at all.
func accepted(header http.Header) (media, bool) {
	values := header.Values("Accept")
	if len(values) == 0 {
		return jsonMedia, true
	}
	var graphqlQuality, jsonQuality, anyQuality float64
	jsonNamed := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, ok := params["q"]; ok {
			if quality, err = strconv.ParseFloat(q, 64); err != nil {
				continue
			}
		}
		switch name {
		case string(graphqlMedia):
			graphqlQuality = quality
		case string(jsonMedia):
			jsonQuality, jsonNamed = quality, true
		case "*/*", "application/*":
			anyQuality = max(anyQuality, quality)
		}
	}
	if !jsonNamed {
		jsonQuality = anyQuality
	}
	switch {
	case graphqlQuality > 0 && graphqlQuality >= jsonQuality:
		return graphqlMedia, true
	default:
		return jsonMedia, jsonQuality > 0
	}
}

// checkContent refuses a body that we do not read.
func checkContent(header http.Header) *refusal {
	name, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	charset, encoding := params["charset"], header.Get("Content-Encoding")
	if err != nil || name != string(jsonMedia) ||
		charset != "" && !strings.EqualFold(charset, "utf-8") ||
		encoding != "" && !strings.EqualFold(encoding, "identity") {
		return refuse(http.StatusUnsupportedMediaType, UnsupportedMediaType).with("Accept", string(jsonMedia))
	}
	return nil
}

// checkAccept refuses a caller who takes no answer that we write.
func checkAccept(header http.Header) *refusal {
	if _, ok := accepted(header); !ok {
		return refuse(http.StatusNotAcceptable, NotAcceptable)
	}
	return nil
}
