package model

// Error is an input that cannot be answered, in words for the viewer who gave it. It never repeats the input.
type Error struct {
	code     string
	argument string
	message  string
}

// The codes of what a viewer can get wrong; they are part of the contract.
const (
	InvalidID       = "INVALID_ID"
	InvalidCursor   = "INVALID_CURSOR"
	InvalidPageSize = "INVALID_PAGE_SIZE"
	BadUserInput    = "BAD_USER_INPUT"
)

// Invalid says that an argument has a value that cannot be used. The argument is empty where the place is known to
// whoever reports the error, as it is to the scalars.
func Invalid(code, argument, message string) *Error {
	return &Error{code: code, argument: argument, message: message}
}

func (e *Error) Error() string { return e.message }

// Code is the error's stable code.
func (e *Error) Code() string { return e.code }

// Argument is the path of the argument that is wrong, "" where it is not known here.
func (e *Error) Argument() string { return e.argument }
