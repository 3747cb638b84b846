package awssim

import "net/http"

// apiError is an error as a service answers it. The codes and statuses are
// those of the API references and of the SDK's error types.
type apiError struct {
	status  int
	code    string
	message string
}

// by picks the spelling of the request's protocol: Query or JSON.
func by(r *request, query, json apiError) *apiError {
	if r.protocol == protocolJSON {
		return &json
	}
	return &query
}

func errMissingToken(r *request) *apiError {
	const message = "Request is missing Authentication Token"
	return by(r,
		apiError{http.StatusForbidden, "MissingAuthenticationToken", message},
		apiError{http.StatusBadRequest, "MissingAuthenticationTokenException", message})
}

func errInvalidToken(r *request) *apiError {
	const message = "The security token included in the request is invalid."
	return by(r,
		apiError{http.StatusForbidden, "InvalidClientTokenId", message},
		apiError{http.StatusBadRequest, "UnrecognizedClientException", message})
}

func errExpiredToken(r *request) *apiError {
	const message = "The security token included in the request is expired"
	return by(r,
		apiError{http.StatusForbidden, "ExpiredToken", message},
		apiError{http.StatusBadRequest, "ExpiredTokenException", message})
}

func errSignature(r *request) *apiError {
	const message = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method."
	return by(r,
		apiError{http.StatusForbidden, "SignatureDoesNotMatch", message},
		apiError{http.StatusBadRequest, "InvalidSignatureException", message})
}

func errUnknownAction(r *request) *apiError {
	return by(r,
		apiError{http.StatusBadRequest, "InvalidAction", "Could not find operation " + r.action + " for version " + r.version},
		apiError{http.StatusBadRequest, "UnknownOperationException", "Unknown operation " + r.action})
}

func errAccessDenied(r *request, who, resource string) *apiError {
	return by(r,
		apiError{
			http.StatusForbidden, "AccessDenied",
			"User: " + who + " is not authorized to perform: " + r.name() + " on resource: " + resource,
		},
		apiError{http.StatusBadRequest, "AccessDeniedException", "You don't have permissions to access this resource."})
}

func errThrottled(r *request) *apiError {
	return by(r,
		apiError{http.StatusBadRequest, "Throttling", "Rate exceeded"},
		apiError{http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded"})
}

func errInternal(r *request) *apiError {
	const message = "An error on the server occurred."
	code := "ServiceFailure"
	if r.service == "sts" {
		code = "InternalFailure"
	}
	return by(r,
		apiError{http.StatusInternalServerError, code, message},
		apiError{http.StatusInternalServerError, "ServiceException", message})
}

func errInvalid(r *request, message string) *apiError {
	return by(r,
		apiError{http.StatusBadRequest, "ValidationError", message},
		apiError{http.StatusBadRequest, "InvalidInputException", message})
}

func errNoSuchEntity(message string) *apiError {
	return &apiError{http.StatusNotFound, "NoSuchEntity", message}
}
