import('./b.js');
