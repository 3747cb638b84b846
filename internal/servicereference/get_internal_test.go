package servicereference

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRedirectsFromHTTPSToHTTPAreRefused(t *testing.T) {
	t.Parallel()
	request := func(url string) *http.Request { return httptest.NewRequest(http.MethodGet, url, http.NoBody) }
	plain, safe := request("http://mirror.example/a"), request("https://mirror.example/a")
	if err := staysAtHome(plain, []*http.Request{safe}); err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("error %v", err)
	}
	if err := staysAtHome(safe, []*http.Request{plain}); err != nil {
		t.Errorf("from http to https: %v", err)
	}
}
